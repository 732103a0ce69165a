export { decodeXml } from './decode.js';
export { readXml, type XmlNode, XmlProblem } from './read.js';
export { element, escapeXml } from './write.js';
