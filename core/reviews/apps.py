from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig


class ReviewsConfig(RoomConfig):
    name = "core.reviews"
    label = "reviews"
    pages = (
        Page(Place.PERSON, "reviews", _("Access reviews"), icon="user-check", home="reviews:list", order=30),
        Page(Place.ORGANISATION, "reviews", _("Access reviews"), icon="user-check", home="reviews:of_organisation"),
        Page(
            Place.MEMBERS,
            "reviews",
            _("Access reviews"),
            icon="user-check",
            home="reviews:of_project",
            needs="access.oversee_access",
        ),
    )
    errands = "core.reviews.queries.errands"
    notices = {
        "reviews.assigned": _("%(count)s accesses are yours to review by %(day)s."),
        "reviews.reminded": _("%(count)s accesses still wait for your review, due on %(day)s."),
        "reviews.late": _("Your access review was due on %(day)s: %(count)s accesses are not decided."),
        "reviews.escalated": _("An access review was due on %(day)s: %(count)s accesses are not decided."),
    }
    audit_actions = {
        "reviews.campaign_opened": _("opened an access review"),
        "reviews.access_confirmed": _("confirmed an access"),
        "reviews.access_revoked": _("revoked an access"),
        "reviews.campaign_escalated": _("told its overseers that an access review is late"),
        "reviews.campaign_closed": _("closed an access review"),
        "reviews.evidence_asked": _("asked once more for the evidence of an access review"),
        "reviews.evidence_kept": _("kept the evidence of an access review"),
        "reviews.evidence_downloaded": _("downloaded the evidence of an access review"),
    }
    audit_details = {
        "accesses": _("accesses"),
        "due": _("due on"),
        "member": _("member"),
        "own": _("his own access"),
        "undecided": _("not decided"),
        "sha256": _("SHA-256"),
        "format": _("format"),
    }
    forget = "core.reviews.snapshot.forget"
    duties = {"core.reviews.services.decisions.settle_all": 600, "core.reviews.reminders.remind": 600}

    def ready(self) -> None:
        from core.access.signals import membership_ended
        from core.reviews import reviewers

        membership_ended.connect(reviewers.on_leaving, dispatch_uid="reviews.on_leaving")
