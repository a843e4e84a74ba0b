import "./reference.css";
import "./try.js";
