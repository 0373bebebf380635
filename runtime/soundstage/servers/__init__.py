"""Programs of the user that a run needs: started, waited for, and stopped with all they started."""

from soundstage.servers.running_server import RunningServer
from soundstage.servers.server_declarations import ServerTable, declared_servers
from soundstage.servers.server_group import ServerGroup
from soundstage.servers.server_program import Readiness, ServerProgram

__all__ = [
    "Readiness",
    "RunningServer",
    "ServerGroup",
    "ServerProgram",
    "ServerTable",
    "declared_servers",
]
