/** Makes the command as one file. */
export declare const buildWorker: (file: string) => Promise<void>;
