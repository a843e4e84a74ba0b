import "./workbench.css";
import "./workbench.js";
