"""A language model of the hospital's own, by Ollama's HTTP API: no text goes to an address of the internet.

It is asked only about lines that the grammar isn't sure of, and believed only as `engine/opinions/quoting.py` says.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from dataclasses import dataclass, field

import requests
from django.conf import settings

from prescriptions import engine
from prescriptions.engine.opinions import quoting
from prescriptions.engine.schema import Line
from prescriptions.nearby import Unanswered, at_home

log = logging.getLogger(__name__)
CONNECT, PIECE, WHOLE = 2.0, 20.0, 20.0
"""Seconds for a connection, for each piece of an answer, and for all of it."""
LARGEST = 64 << 10
"""Bytes of an answer."""
MOST_FAILURES = 3
"""After so many in a row it isn't asked again by this reader."""


@dataclass
class Model:
    """The model at an address. `http://host:port`, where the host is this machine or in a private network."""

    url: str
    name: str
    failures: int = 0
    """In a row."""
    counts: Counter[str] = field(default_factory=Counter)
    """How many lines it was `asked` about; of how many the answer was `taken`, was `refused`, or didn't come."""

    def opinion(self, line: Line, lexicon: engine.Lexicon | None = None) -> Line:
        """The line, its confidence moved by the model where it is low and the answer can be believed; else as it is."""
        taken = self.reading(line, lexicon)
        return quoting.weighed(line, taken) if taken else line

    def reading(self, line: Line, lexicon: engine.Lexicon | None = None) -> quoting.Taken | None:
        """What it reads in a line that isn't sure, where that can be believed; None otherwise, told in `counts`."""
        if line.confidence >= quoting.LOW or len(line.text) > quoting.LONGEST or self.failures >= MOST_FAILURES:
            return None
        self.counts["asked"] += 1
        try:
            taken = quoting.take(self.ask(line.text), line.text, lexicon)
        except quoting.Refused as error:
            self.failures = 0
            self.counts["refused"] += 1
            log.info("an answer of the language model isn't taken: %s", error.code)
            return None
        except Unanswered as error:
            self.failures += 1
            self.counts["unanswered"] += 1
            log.warning("the language model doesn't answer: %s", error)
            return None
        self.failures = 0
        self.counts["taken"] += 1
        return taken

    def ask(self, text: str) -> str:
        """What the model says of a line, as it says it. Raises Unanswered."""
        base, host = at_home(self.url)
        body = {
            "model": self.name,
            "messages": [{"role": "system", "content": quoting.INSTRUCTION}, {"role": "user", "content": text}],
            "format": quoting.SCHEMA,
            "stream": False,
            "options": {"temperature": 0, "seed": 0, "num_predict": 800},
        }
        until = time.monotonic() + WHOLE
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(
                    f"{base}/api/chat", json=body, headers={"Host": host}, timeout=(CONNECT, PIECE), stream=True,
                    allow_redirects=False,
                )  # fmt: skip
                with answer:
                    return said(answer, until)
            except (requests.RequestException, ValueError, KeyError, TypeError) as error:
                raise Unanswered(type(error).__name__) from error


def said(answer: requests.Response, until: float) -> str:
    """The content of an answer, read within time and size. Raises Unanswered, ValueError, KeyError."""
    if answer.status_code != 200:
        raise Unanswered(f"status {answer.status_code}")
    body = b""
    for piece in answer.iter_content(8 << 10):
        body += piece
        if len(body) > LARGEST:
            raise Unanswered("the answer is too large")
        if time.monotonic() > until:
            raise Unanswered("the answer is too slow")
    content = json.loads(body)["message"]["content"]
    if not isinstance(content, str):
        raise Unanswered("no text in the answer")
    return content


def configured() -> bool:
    """Whether the operator has named a model."""
    return bool(settings.OLLAMA_URL and settings.OLLAMA_MODEL)


def model() -> Model:
    """The operator's model."""
    return Model(settings.OLLAMA_URL, settings.OLLAMA_MODEL)
