import "./index.css";
import "../../../web/static_src/web/components.js";
import "./htmx.js";
import "./palette.js";
import "./session.js";
import "./drafts.js";
import "./theme.js";
