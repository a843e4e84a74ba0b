import "./index.css";
import "./entry/element.js";
