// Only a style sheet: the pages of backups work without a script of their own.
import "./index.css";
