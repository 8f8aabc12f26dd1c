"""Starts the server for a command line, and says in words why it cannot."""

import errno
import sqlite3
from argparse import Namespace

from . import server


MOST_PORT = 65535


class CannotStart(Exception):
    """Says which option is wrong, and what to give instead."""


def start(arguments: Namespace) -> None:
    """Serve until interrupted. Raises CannotStart."""
    if not 0 <= arguments.port <= MOST_PORT:
        raise CannotStart(
            f"--port {arguments.port} is no port. Give a number from 0 to 65535; 0 takes any free one."
        )
    try:
        server.run(arguments)
    except sqlite3.Error as error:
        raise CannotStart(
            f"--state {arguments.state}: the file cannot be used ({error}). Give a file of a practice"
            " org, or a new one in a folder that exists and may be written to."
        ) from error
    except OSError as error:
        raise CannotStart(_of_file_or_port(error, arguments)) from error


def _of_file_or_port(error: OSError, arguments: Namespace) -> str:
    if error.filename is None:
        return _of_port(error, arguments.port)
    if str(error.filename) == str(arguments.jwt_certificate):
        return (
            f"--jwt-certificate {error.filename}: {error.strerror}. Give a certificate in PEM form."
        )
    return f"{error.filename}: {error.strerror}. Give another file with --state."


def _of_port(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"The port {port} is taken. Give another one with --port; 0 takes any free port."
    return f"--port {port}: {error}. Give another one; 0 takes any free port."
