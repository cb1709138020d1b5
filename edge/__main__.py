"""The process of one edge node, without what only a command line needs: `aisle edge` becomes this."""

import os
import sys
from pathlib import Path

from models.process.ending import end_when_told
from models.process.memory import spare_memory


def main() -> int:
    """Run the node whose settings file is named; 2 for bad settings, 3 for a database that is damaged."""
    end_when_told()
    spare_memory()
    from cloud_sync.stream.disk import check_health
    from cloud_sync.stream.errors import DamagedDatabase
    from edge.record import DATABASE
    from edge.settings import EdgeSettings
    from models.process.data_dir import take_data_dir
    from models.process.logs import configure_logs
    from models.process.settings import BadSettings, load_settings

    try:
        settings = load_settings(Path(sys.argv[1]), EdgeSettings)
        held = take_data_dir(settings.data_dir)
        check_health(settings.data_dir / DATABASE)
        _migrate_apart(settings.data_dir)
    except DamagedDatabase as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 3
    except (BadSettings, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - for whoever started it
        return 2
    configure_logs("edge")
    from edge.node import run_node

    with held:
        run_node(settings)
    return 0


def _migrate_apart(data_dir: Path) -> None:
    """Bring the schema up to date in a child: what that imports (8 MB) ends with it.

    Raises:
        OSError: it could not; the child has said why.
    """
    child = os.fork()
    if child == 0:
        from edge.migrations import migrate
        from edge.record import DATABASE

        code = 1
        try:
            migrate(data_dir / DATABASE)
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise OSError(f"the database in {data_dir} cannot be opened or brought up to date")


if __name__ == "__main__":
    sys.exit(main())
