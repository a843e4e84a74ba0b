"""Participants who fill in themselves: what they are asked, how they get in, what is kept of what they answer."""

from ecrf.services.participants.answering import asked, keep_answers, return_code, send_answers, shown
from ecrf.services.participants.contacts import erase_contact, set_contact
from ecrf.services.participants.faults import Shut, TooOften, WrongPin
from ecrf.services.participants.guests import (
    end,
    enter,
    enter_by_code,
    enter_publicly,
    prove,
    send_code,
    speak,
    visiting,
)
from ecrf.services.participants.inviting import invite, invite_many, make_link, read_contacts, resend, revoke
from ecrf.services.participants.kiosk import give_back, hand_over
from ecrf.services.participants.mailing import stop
from ecrf.services.participants.setting import (
    close_questionnaire,
    close_to_anybody,
    open_to_anybody,
    save_questionnaire,
)

__all__ = [
    "Shut",
    "TooOften",
    "WrongPin",
    "asked",
    "close_questionnaire",
    "close_to_anybody",
    "end",
    "enter",
    "enter_by_code",
    "enter_publicly",
    "erase_contact",
    "give_back",
    "hand_over",
    "invite",
    "invite_many",
    "keep_answers",
    "make_link",
    "open_to_anybody",
    "prove",
    "read_contacts",
    "resend",
    "return_code",
    "revoke",
    "save_questionnaire",
    "send_answers",
    "send_code",
    "set_contact",
    "shown",
    "speak",
    "stop",
    "visiting",
]
