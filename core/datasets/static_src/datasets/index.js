import "./datasets.css";
