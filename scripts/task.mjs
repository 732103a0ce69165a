// Runs a turbo task over the workspace: `node scripts/task.mjs build`.
import { checkNode, installPackages, turbo } from './lib/setup.mjs';

const [task = 'build'] = process.argv.slice(2);
checkNode();
installPackages();
turbo(task, `“${task}” failed; the lines above say why.`);
