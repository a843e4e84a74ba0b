import "./progress.css";
import "./progress.js";
