"""A real server process on a free port."""

import glob
import os
import pathlib
import re
import shlex
import signal
import subprocess
import threading

import grpc

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
READY = re.compile(r"ready host=(\S+) port=(\d+) admin=(\d+|off)")
START_SECONDS = 30
STOP_SECONDS = 20

# What the original's clients set when they dial.
ORIGINAL_OPTIONS = [
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


def command():
    """How to start Kveik: KVEIK_SERVER_COMMAND, else ./kveik server, else the built jars."""
    given = os.environ.get("KVEIK_SERVER_COMMAND")
    if given:
        return shlex.split(given)
    script = REPOSITORY / "kveik"
    if script.exists():
        return [str(script), "server"]
    jars = sorted(glob.glob(str(REPOSITORY / "bench" / "target" / "*.jar")))
    jars.append(str(REPOSITORY / "bench" / "target" / "lib" / "*"))
    java = pathlib.Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    return [
        str(java),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseZGC",
        "-Xmx512m",
        "-cp",
        os.pathsep.join(jars),
        "io.kveik.server.Main",
        "server",
    ]


class ServerProcess:
    """Runs from construction to ``stop``; its log is kept in ``log``."""

    def __init__(self, data_directory, *flags):
        self.lines = []
        self._address = None
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [*command(), "--port", "0", "--admin-port", "0", "--data-dir", str(data_directory), *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(START_SECONDS) or self._address is None:
            self._process.kill()
            raise RuntimeError("the server did not get ready:\n" + self.log())

    def _read(self):
        for line in self._process.stdout:
            self.lines.append(line)
            ready = READY.search(line)
            if ready:
                self._address = f"{ready.group(1)}:{ready.group(2)}"
                self._ready.set()
        self._ready.set()

    def channel(self, options=()):
        """A connection like that of an original client, unless ``options`` say otherwise."""
        return grpc.insecure_channel(self._address, options=[*ORIGINAL_OPTIONS, *options])

    def log(self):
        return "".join(self.lines)

    def stop(self):
        """SIGTERM; returns the exit status."""
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise RuntimeError("the server did not stop on SIGTERM:\n" + self.log()) from None
        self._reader.join(STOP_SECONDS)
        return status


def assert_stopped_well(server):
    """Stops a server. A JVM that ends on SIGTERM reports 128 + 15."""
    assert server.stop() in (0, 143, -signal.SIGTERM), server.log()
    assert "Exception" not in server.log(), server.log()
