"""A recording proxy that stands between any client and a simulator, and checks every answer on its way.

boto3, the AWS CLI and rolecall itself all pass through it, so one check covers what each of them is told.
"""

import contextlib
import http.client
import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import service_model

_HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length", "host")
_JSON_TARGETS = {"AWSOrganizationsV20161128": "organizations"}


class Witness:
    """The proxy's memory: which answers departed from the service models, and what was called."""

    def __init__(self):
        self._lock = threading.Lock()
        self._problems = []
        self.checked = 0

    def see(self, exchange):
        """Checks one answer and remembers what is wrong with it."""
        problems = service_model.check(exchange)
        with self._lock:
            self.checked += 1
            self._problems += problems

    def drain(self):
        """The problems found since the last time this was asked."""
        with self._lock:
            problems, self._problems = self._problems, []
        return problems


@contextlib.contextmanager
def witnessed(port):
    """Starts the proxy in front of the server at `port`; gives its URL and the witness."""
    witness = Witness()
    handler = type("BoundHandler", (_Handler,), {"witness": witness, "upstream_port": port})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", witness
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in two writes: with Nagle's algorithm each answer would wait for an acknowledgement.
    disable_nagle_algorithm = True
    witness = None
    upstream_port = None
    upstream = None

    def _forward(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in _HOP_BY_HOP}
        try:
            status, reason, answer_headers, answer = self._ask(body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError):
            # The simulator cut the connection, or ended: whoever waits for the answer sees the same.
            self.close_connection = True
            return
        call = _call_of(self.path, self.headers, body)
        if call is not None:
            service, operation, token = call
            self.witness.see(
                service_model.Exchange(service, operation, status, dict(answer_headers), answer, token_sent=token)
            )
        self.send_response_only(status, reason)
        for key, value in answer_headers:
            if key.lower() not in _HOP_BY_HOP:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _ask(self, body, headers):
        if self.upstream is None:
            self.upstream = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=120)
        self.upstream.request(self.command, self.path, body=body, headers=headers)
        answer = self.upstream.getresponse()
        return answer.status, answer.reason, answer.getheaders(), answer.read()

    def finish(self):
        super().finish()
        if self.upstream is not None:
            self.upstream.close()

    do_GET = do_POST = do_PUT = do_DELETE = _forward

    def log_message(self, *_arguments):
        """Silent: the tests say what went wrong."""


def _call_of(path, headers, body):
    """Service, operation and page token of a call; nothing for control requests and unsigned ones."""
    if path.startswith("/_simulator/"):
        return None
    target = headers.get("x-amz-target")
    if target:
        prefix, _, operation = target.partition(".")
        document = json.loads(body or b"{}")
        return _JSON_TARGETS[prefix], operation, document.get("NextToken")
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request", headers.get("authorization", ""))
    if scope is None:
        return None
    form = dict(urllib.parse.parse_qsl(body.decode()))
    return scope.group(1), form.get("Action", ""), form.get("NextToken") or form.get("Marker")
