/** Stands for parts of mqtt.js that are not bundled: WebSocket and SOCKS. */
export default class Unused {}
