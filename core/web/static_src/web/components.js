import "./menus.js";
import "./dialogs.js";
import "./toast.js";
import "./selection.js";
import "./places.js";
import "./faults.js";
import "./copy.js";
import "./guide.js";
