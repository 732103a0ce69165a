export { decodeXml } from './decode.js';
export { readXml, type XmlNode, XmlProblem } from './read.js';
export { type EscapeXml, escapeXml, escapeXmlAscii, xmlElement } from './write.js';
