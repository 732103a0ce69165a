export { connectwareIdOf, idOfConnectware } from './connectware-id.js';
export { type DriverReading, type DriverRef, dataPoint, dataStream, streamIdOf } from './data-stream.js';
export { type Device, deviceCore, rootGroup } from './device-core.js';
export { FILE_TYPE, fileData, fileNameOf, folderOf, HOME } from './file-data.js';
