import "../index.css";
import "../offline/element.js";
