"""What a read-only block promises."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

import pytest
from django.db import InternalError

from core.access.demo import World
from core.access.models import Project
from core.db import after_read, once, read_only


def test_a_block_asks_once() -> None:
    """Outside, each question is asked anew: something may have changed."""
    answers = count()
    assert [once("a", lambda: next(answers)) for _ in range(3)] == [0, 1, 2]


@pytest.mark.django_db
def test_inside_a_block_the_first_answer_holds() -> None:
    """For each question its own, until the block ends."""
    answers = count()
    with read_only():
        assert [once(question, lambda: next(answers)) for question in "aabab"] == [0, 0, 1, 0, 1]
    with read_only():
        assert once("a", lambda: next(answers)) == 2


def test_nothing_is_written_inside(world: World) -> None:
    """PostgreSQL itself refuses."""
    with pytest.raises(InternalError, match="read-only"), read_only():
        Project.objects.update(name="other")


@pytest.mark.django_db
def test_what_was_put_off_is_done_after_the_block() -> None:
    """Also when it ends badly, for that was read too."""
    done: list[str] = []
    with suppress(ZeroDivisionError), read_only():
        after_read(lambda: done.append("said"))
        assert done == []
        raise ZeroDivisionError
    assert done == ["said"]
