export { loadChunks } from "../../data/chunks.js"; // until the programs import it there
