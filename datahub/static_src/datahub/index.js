// The notebook's page: code editors, cells added and removed, run and save from the keyboard.
import "./notebook.css";
import "./editor.js";
import "./page.js";
