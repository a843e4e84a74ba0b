import "../builder/builder.css";
import "../builder/element.js";
