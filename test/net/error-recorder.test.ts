import { expect, it } from 'vitest'
import { createErrorRecorder } from '../../src/net/error-recorder.js'

it('records the last error of a function until it is cleared, and changes nothing else', async () => {
  const recorder = createErrorRecorder()
  const half = recorder.record((number: number) =>
    number % 2 === 0 ? Promise.resolve(number / 2) : Promise.reject(new Error(`${number} is odd`))
  )
  expect(await half(4)).toBe(2)
  expect(recorder.last()).toBeUndefined()
  await expect(half(3)).rejects.toThrow('3 is odd')
  await expect(half(5)).rejects.toThrow('5 is odd')
  await half(2)
  expect(recorder.last()).toMatchObject({ message: '5 is odd' })
  recorder.clear()
  expect(recorder.last()).toBeUndefined()
})
