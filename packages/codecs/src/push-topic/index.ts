export { TopicError } from './error.js';
export { parseTopics } from './parse.js';
export { type PushTopic, RESOURCES, type ResourceName, type TopicFact, topicMeans } from './topic.js';
export { TopicIndex } from './topic-index.js';
