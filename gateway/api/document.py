"""Writes ``docs/access.md`` from the application: who may call what."""

import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from models.process.web import access_table

_HEAD: Final = """# Who may call what at a gateway

<!-- Written by `python -m gateway.api.document`; a test compares. Change the routes, not this page. -->

Every route has exactly one decision about who may call it. Refusals are `401` (nobody is enrolled, signed in or has a
basket) or `403` (somebody is, and may not), with a hint about what to do.

| who | is |
|---|---|
| public | anybody who reaches the store's network |
| device | an enrolled handheld, whoever holds it |
| shopper | who carries a basket's cookie |
| scanner | a shopper or a clerk |
| clerk | signed in with a PIN on an enrolled device; managers are clerks |
| manager | a clerk with that role |

| route | who |
|---|---|
"""


def access_page(app: FastAPI) -> str:
    """The whole page. Raises ``ValueError`` for a route without a decision, or with several."""
    rows = [f"| `{route}` | {who} |" for route, who in sorted(access_table(app).items(), key=_by_path)]
    return _HEAD + "\n".join(rows) + "\n"


def _by_path(row: tuple[str, str]) -> tuple[str, str]:
    method, _space, path = row[0].partition(" ")
    return path, method


def main() -> None:
    """Print the page."""
    from gateway.app import create_gateway
    from gateway.settings import EXAMPLE, GatewaySettings

    with tempfile.TemporaryDirectory() as folder:
        values = tomllib.loads(EXAMPLE) | {"data_dir": Path(folder)}
        sys.stdout.write(access_page(create_gateway(GatewaySettings.model_validate(values))))


if __name__ == "__main__":
    main()
