/** What came of a sign-in at a provider. */
export const oauth = {
  oauth: {
    title: 'Sign-in result',
    theNodeServer: 'the node server',
    theProvider: 'the provider',
    provider: 'Provider',
    providerSaid: 'It answered',
    inItsWords: 'In its words',
    when: 'When',
    heldUntil: 'Held until',
    openUntil: 'Open until',
    progress: 'Progress',
    steps: {
      answered: 'The provider answers',
      delivered: 'The worker gets the answer',
      linked: 'The account is linked',
    },
    stepDone: '(done)',
    stepNow: '(now)',
    stepOpen: '(to come)',
    toNodeServer: (name: string) => `Go to ${name}`,
    toNodeServers: 'Go to the node servers',
    toOverview: 'Overview',
    signInTitle: 'Sign in to see what happened',
    signInText: 'The provider answered. Sign in to Polyrelay in this browser to see the result.',
    asks: 'Who answers',
    forNodeServer: 'For node server',
    asUser: 'You are',
    approve: 'Approve',
    doNot: 'Do not',
    approveHint:
      'Approve only if you have just signed in at the provider yourself, with your own account. If somebody sent you this link, do not.',
    outcomes: {
      started: {
        title: () => 'Waiting for the provider',
        text: (name: string, provider: string) =>
          `Finish the sign-in at ${provider} for ${name}. This page goes on by itself.`,
      },
      approvalNeeded: {
        title: (name: string) => `Was it you who signed in for ${name}?`,
        text: (name: string, provider: string) =>
          `A sign-in at ${provider} was answered that was not begun on this dashboard. Say whether ${name} may have the answer.`,
      },
      waiting: {
        title: (name: string) => `Waiting for ${name}`,
        text: (name: string) =>
          `You are signed in, but the worker of ${name} is not connected. The answer is kept for it for a few minutes. Start it if it is stopped; this page goes on by itself.`,
      },
      delivered: {
        title: (name: string) => `${name} has the answer`,
        text: (name: string) =>
          `${name} is now fetching its keys from the provider. This page goes on by itself; you may also leave it.`,
      },
      linked: {
        title: (name: string) => `${name} is linked`,
        text: (name: string, provider: string) =>
          `Your account at ${provider} is linked. ${name} goes on from here by itself.`,
      },
      denied: {
        title: () => 'You did not give access',
        text: (name: string, provider: string) =>
          `Access was denied at ${provider}, so nothing was linked. To link ${name} after all, open its notice and sign in again.`,
      },
      failed: {
        title: () => 'The provider answered with an error',
        text: (name: string, provider: string) =>
          `Nothing was linked. What ${provider} said is below. Check client id, client secret and redirect URI of ${name}, then sign in again from its notice.`,
      },
      expired: {
        title: () => 'This sign-in took too long',
        text: (name: string) =>
          `For your safety a sign-in is valid for a few minutes only. Open the notice of ${name} and sign in again; make sure that its worker is running.`,
      },
      used: {
        title: () => 'This answer was used already',
        text: (name: string) =>
          `Each sign-in counts once. If ${name} is not linked, open its notice and sign in again.`,
      },
      unknown: {
        title: () => 'This sign-in is not known here',
        text: () =>
          'It may have expired, or the service was restarted meanwhile. Open the notice of the node server and sign in again.',
      },
      otherBrowser: {
        title: () => 'This sign-in was begun in another browser',
        text: (name: string) =>
          `For your safety it has to end where it began. Nothing was linked. Open the notice of ${name} in this browser and sign in again.`,
      },
      wrongAccount: {
        title: () => 'This sign-in belongs to another account',
        text: (name: string) =>
          `You are signed in to Polyrelay as somebody else than who began it. Nothing was linked. Sign in as the owner of ${name}, then use its notice.`,
      },
      malformed: {
        title: () => 'The provider’s answer is incomplete',
        text: () =>
          'It holds neither a code nor an error, so nothing was linked. Check the authorization URL of the node server, then sign in again from its notice.',
      },
    },
  },
};
