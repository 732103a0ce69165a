import { fileURLToPath } from 'node:url';

/** Root of the checkout: this file is two folders below `apps/server`, in `src` as in `dist`. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

export const MIGRATIONS_FOLDER = `${ROOT}prisma/migrations`;
export const DASHBOARD_FOLDER = `${ROOT}apps/dashboard/dist`;

/** Holds the wheel of the service's own `pgc_interface`, for the virtual environments of Python node servers. */
export const PYTHON_PACKAGES_FOLDER = `${ROOT}packages/pgc-interface-python/dist`;

/** The catalogue that comes along. */
export const CATALOGUE_FILE = `${ROOT}catalogue/catalogue.json`;

/** The SDK of things for Node.js, in one file. */
export const THING_SDK_FILE = `${ROOT}packages/thing/dist/thing.mjs`;

/** The receiver of channels, in one file. */
export const RECEIVER_FILE = `${ROOT}packages/receiver/dist/receiver.mjs`;

/** The client of push monitors, in one file. */
export const PUSH_CLIENT_FILE = `${ROOT}packages/push-client/dist/push-client.mjs`;

/** The package `flashlexiot`, the SDK of things for Python. */
export const THING_PYTHON_FOLDER = `${ROOT}packages/thing-python/flashlexiot`;
