"""``python -m catalog.public`` prints the page of the documentation that lists the registry."""

import sys

from catalog.public.page import page_text

if __name__ == "__main__":
    sys.stdout.write(page_text())
