import type { Log } from './log.js'

/** The part of a log that a task writes to. */
type WritableLog = Pick<Log, 'info' | 'warn'>

/** Logs for concurrent tasks. */
interface OrderedLogs {
  /** One log for each task, in the order in which their lines appear. */
  readonly logs: readonly WritableLog[]
  /** Marks a task as done. Later lines of its log appear at once. */
  readonly finish: (task: number) => void
}

/**
 * Creates logs for tasks that run at the same time. The lines appear in the order of the tasks: the lines of a task wait until all tasks
 * before it are done.
 */
export function createOrderedLogs(log: WritableLog, count: number): OrderedLogs {
  const waiting = Array.from({ length: count }, (): (() => void)[] => [])
  const isDone = waiting.map(() => false)
  /** The first task that is not done. */
  let current = 0
  const flush = (task: number): void => {
    for (const write of waiting[task]?.splice(0) ?? []) write()
  }
  const add = (task: number, write: () => void): void => {
    if (task <= current) write()
    else waiting[task]?.push(write)
  }
  return {
    logs: waiting.map((_, task) => ({
      info: (message, fields) => {
        add(task, () => {
          log.info(message, fields)
        })
      },
      warn: (message, fields) => {
        add(task, () => {
          log.warn(message, fields)
        })
      }
    })),
    finish: task => {
      isDone[task] = true
      while (isDone[current]) {
        current += 1
        flush(current)
      }
    }
  }
}
