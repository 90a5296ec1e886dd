import type { ErrorFacts, ExplainedError } from '../../doctor/explain/error.js'
import type { View } from '../format.js'
import { type Colors, noColors } from '../colors.js'
import { singleLine } from '../log.js'

const factNames: Readonly<Record<keyof ErrorFacts, string>> = {
  tenant: 'tenant',
  clientId: 'client id',
  issuer: 'issuer',
  subject: 'subject',
  audience: 'audience',
  keyId: 'key',
  resource: 'resource'
}

/** Renders an explained error: its meaning, the values that it names, those that it does not name, and lines to run next. */
export function explainedErrorView(error: ExplainedError, colors: Colors = noColors): View {
  const { code, meaning, cause, passing, facts, needs, next } = error
  const factLines = Object.entries(factNames).flatMap(([key, name]) => {
    const value = facts[key as keyof ErrorFacts]
    return value === undefined ? [] : [`${name} ${value}`]
  })
  const lines = [
    `${code}: ${meaning ?? 'azwi does not know this error'}`,
    ...(cause === undefined ? [] : [`    Mostly because: ${cause}`]),
    ...(passing === undefined ? [] : [`    It may pass: ${passing}`]),
    ...section('It names:', factLines),
    ...section('It does not say:', needs)
  ].map(singleLine)
  const nextLines =
    next.length === 0 ? [] : ['    Next:', ...next.map(line => `        ${colors.cyan(singleLine(line))}`)]
  return {
    text: [...lines, ...nextLines].map(line => `${line}\n`).join(''),
    data: {
      code,
      ...(meaning === undefined ? {} : { meaning }),
      ...(cause === undefined ? {} : { cause }),
      ...(passing === undefined ? {} : { passing }),
      facts,
      needs,
      next
    },
    names: [`error/${code}`]
  }
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`    ${title}`, ...lines.map(line => `        ${line}`)]
