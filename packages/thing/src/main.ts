#!/usr/bin/env node
import { runAsMain } from '@polyrelay/essentials';
import { runCommand } from './cli/command.js';

export * from './index.js';

runAsMain(import.meta.url, runCommand);
