"""allauth's page that gives a password to an account without one, behind the question who is asking."""

from allauth.account.views import PasswordSetView

from core.accounts.fresh import fresh

choose = fresh(PasswordSetView.as_view())
