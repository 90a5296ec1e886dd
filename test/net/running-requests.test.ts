import { describe, expect, it } from 'vitest'
import { createRunningRequests } from '../../src/net/running-requests.js'

const nextTick = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('the running requests of a command', () => {
  it('end when every one of them has ended, successful or not', async () => {
    const requests = createRunningRequests()
    const settled: string[] = []
    let finish = (): void => undefined
    void requests.add(new Promise<void>(resolve => (finish = resolve))).then(() => settled.push('finished'))
    void requests.add(nextTick().then(() => Promise.reject(new Error('failed')))).catch(() => settled.push('failed'))
    const ended = requests.end().then(() => settled.push('ended'))
    await nextTick()
    await nextTick()
    expect(settled).toEqual(['failed'])
    finish()
    await ended
    expect(settled).toEqual(['failed', 'finished', 'ended'])
  })

  it('get a signal to end', async () => {
    const requests = createRunningRequests()
    const request = requests.add(
      new Promise<string>(resolve => {
        requests.ended.addEventListener('abort', () => {
          resolve('cancelled')
        })
      })
    )
    await requests.end()
    expect(await request).toBe('cancelled')
  })

  it('end at once if there are none', async () => {
    const requests = createRunningRequests()
    await requests.add(Promise.resolve())
    await requests.end()
    expect(requests.ended.aborted).toBe(true)
  })
})
