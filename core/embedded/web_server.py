"""``python -m core.embedded.web_server FD``: one web process, on a socket that it shares with its twins.

The supervisor holds the socket: when one of them dies, its twins go on answering, and nobody is turned away.
"""

from __future__ import annotations

import socket
import sys

import uvicorn


def serve(descriptor: int) -> None:
    """Answer until SIGTERM, then finish what has begun."""
    config = uvicorn.Config(
        "core.config.asgi:application", lifespan="off", access_log=False, timeout_graceful_shutdown=5
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    serve(int(sys.argv[1]))
