"""``python -m eventstore.corpus DIR [SEED]`` writes the conformance corpus into a folder."""

import sys
from pathlib import Path

from eventstore.corpus.write import SEED, write_corpus

if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    cases = write_corpus(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else SEED)
    sys.stdout.write(f"{len(cases)} files in {sys.argv[1]}\n")
