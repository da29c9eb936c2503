/** Settings from the environment and policy from YAML, validated. Owns their documentation; reads nothing else. */
export * from './env.js'
export * from './policy.js'
