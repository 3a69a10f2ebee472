"""The proxy between client and simulator: it hands every answer on unchanged, and reports the wrong ones."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from simulator import Simulator
from test_service_model import ACCOUNT, IDENTITY
from witness import witnessed


class WrongServer(BaseHTTPRequestHandler):
    """Answers every call as GetCallerIdentity, with an element that the model does not know."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        answer = IDENTITY.format(ACCOUNT + "<Colour>red</Colour>").encode()
        self.send_response_only(200)
        for name, value in (
            ("Content-Type", "text/xml"),
            ("x-amzn-RequestId", "id-1"),
            ("Content-Length", len(answer)),
        ):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(answer)


@contextlib.contextmanager
def wrong_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), WrongServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_what_boto3_swallows_is_reported():
    with wrong_server() as port, witnessed(port) as (url, witness):
        client = Simulator(url, witness).client("sts")
        assert client.get_caller_identity()["Account"] == "111111111111"
        assert witness.checked == 1
        assert witness.drain() == ["sts:GetCallerIdentity (200): GetCallerIdentity: unknown element <Colour>"]
        assert witness.drain() == []
