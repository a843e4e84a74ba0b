"""Pages outside of any project: of participants, who have no account."""

from django.urls import include, path

from ecrf.web.participants import doors, filling, tablets

PARTICIPATE = [
    path("participate/", doors.door, name="door"),
    path("participate/enter/", doors.enter, name="enter"),
    path("participate/return/", doors.come_back, name="come_back"),
    path("participate/code/", doors.prove, name="prove"),
    path("participate/fill/", filling.fill, name="fill"),
    path("participate/fill/state/", filling.state, name="state"),
    path("participate/fill/save/", filling.save, name="save"),
    path("participate/fill/send/", filling.send, name="send"),
    path("participate/fill/code/", filling.code, name="code"),
    path("participate/language/", filling.speak, name="speak"),
    path("participate/leave/", doors.leave, name="leave"),
    path("participate/back/", tablets.give_back, name="give_back"),
    path("participate/stop/<str:token>/", doors.stop, name="stop"),
]
urlpatterns = [path("", include((PARTICIPATE, "participate")))]
