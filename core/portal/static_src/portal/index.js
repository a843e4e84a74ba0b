import "./index.css";
import "../../../web/static_src/web/components.js";
import "../../../inbox/static_src/inbox/bell.js";
import "../../../accounts/static_src/accounts/passkeys.js";
import "../../../help/static_src/help/tour.js";
import "../../../presence/static_src/presence/presence.js";
import "./htmx.js";
import "./palette.js";
import "./help.js";
import "./unsent.js"; // asks before the session lets go of what was typed
import "./session.js";
import "./drafts.js";
import "./offline.js";
import "./theme.js";
