"""The verb ``spikelake serve``."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstore.output import AsJson, print_record

if TYPE_CHECKING:
    from catalog.viewer.serving import Opened


def serve(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]",
            help="Folder or URL of the dataset; its work tree where no version is named.",
            show_default=False,
        ),
    ],
    *,
    edit: Annotated[bool, typer.Option("--edit", help="Allow labels to be changed.")] = False,
    runs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder of training runs to show beside it; repeat for more.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address of this machine to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port; any that is free where 0.", min=0, max=65535)
    ] = 8377,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST[:PORT]",
            help="Further name that it is reached by, as of a tunnel; repeat for more.",
            show_default=False,
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open it in the browser of this machine.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at a dataset in a browser.

    Only this machine reaches it, and only with the token that stands in the address printed.
    Nothing can be changed unless --edit is given. Ctrl-C ends it.
    """
    from catalog.viewer.opening import fetch_command, open_shown
    from catalog.viewer.serving import Address, Server

    shown = open_shown(reference, runs=tuple(runs or ()))
    address = Address(host=host, port=port, more_hosts=tuple(allow_host or ()), edit=edit)

    with Server(shown, address) as server:
        _say(server.opened, reference, fetch_command(shown), edit=edit, as_json=as_json)
        if open_browser:
            import webbrowser

            webbrowser.open(server.opened.url)
        with suppress(KeyboardInterrupt):  # which is how it is meant to end
            server.run()


def _say(opened: "Opened", reference: str, fetch: str, *, edit: bool, as_json: bool) -> None:
    record = {"status": "ok", "url": opened.url, "edit": edit, "public": opened.public}
    record |= {"fetch": fetch} if fetch else {}
    lines = [f"{reference} is shown at", f"  {opened.url}"]
    lines.append("labels can be changed" if edit else "read only; --edit allows labels to change")
    if opened.public:
        lines.append(
            "warning: other machines reach it, and what is sent can be read on the way; "
            "better: leave --host out, and ssh -L. It answers to the name above and to those of "
            "--allow-host alone"
        )
    if fetch:
        lines.append(f"its events are not on this machine; they come with: {fetch}")
    lines.append("Ctrl-C ends it")
    print_record(record, as_json=as_json, said="\n".join(lines))
