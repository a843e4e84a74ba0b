import "./datasets.css";
import "./grid.js";
