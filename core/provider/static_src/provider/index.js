import "./provider.css";
