import { malformed } from './errors.js'

/** A value in a `$filter`. `raw` is a literal that is neither a string, a boolean nor null, for example a number. */
export type FilterValue = string | boolean | null | { readonly raw: string }

/** An operator of a `$filter`. The parser knows more of them than directories support. */
export type FilterOperator =
  'eq' | 'in' | 'startswith' | 'any' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'endswith' | 'contains' | 'not'

/** A comparison in a `$filter`. The operator `any` stands for `property/any(x:x eq value)`. */
export interface FilterClause {
  readonly kind: 'clause'
  readonly property: string
  readonly operator: FilterOperator
  readonly values: readonly FilterValue[]
}

/** Several filters joined by `and` or `or`. */
export interface FilterCombination {
  readonly kind: 'and' | 'or'
  readonly operands: readonly Filter[]
}

/** A parsed `$filter`. */
export type Filter = FilterClause | FilterCombination

interface Token {
  readonly kind: 'string' | 'word' | 'mark' | 'end'
  readonly text: string
  readonly at: number
}

/**
 * Parses the part of OData's `$filter` that directories use: comparisons, `in`, `startswith` and similar functions,
 * `any` over a collection of strings, `and`, `or`, parentheses. Two quotes in a string stand for one (OData 4.01 URL
 * conventions, 5.1.1). Throws Graph's 400 for anything else.
 */
export function parseFilter(text: string): Filter {
  return new Parser(text).parse()
}

class Parser {
  readonly #text: string
  readonly #tokens: Token[]
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = this.#tokenize()
  }

  parse(): Filter {
    const filter = this.#combination('or')
    if (this.#peek().kind !== 'end') throw this.#error()
    return filter
  }

  #combination(kind: 'and' | 'or'): Filter {
    const operand = (): Filter => (kind === 'or' ? this.#combination('and') : this.#primary())
    const operands = [operand()]
    while (this.#takeWord(kind)) operands.push(operand())
    const [first] = operands
    return first !== undefined && operands.length === 1 ? first : { kind, operands }
  }

  #primary(): Filter {
    if (this.#takeMark('(')) {
      const inner = this.#combination('or')
      this.#mark(')')
      return inner
    }
    const word = this.#word()
    if (word === 'not') return { kind: 'clause', property: firstProperty(this.#primary()), operator: 'not', values: [] }
    const function_ = /^(startswith|endswith|contains)$/i.exec(word)
    if (function_ !== null && this.#takeMark('(')) {
      const property = this.#word()
      this.#mark(',')
      const value = this.#value()
      this.#mark(')')
      return { kind: 'clause', property, operator: word.toLowerCase() as FilterOperator, values: [value] }
    }
    if (word.endsWith('/any') && this.#takeMark('(')) return this.#any(word.slice(0, -'/any'.length))
    return this.#comparison(word)
  }

  #any(property: string): Filter {
    const variable = this.#word()
    this.#mark(':')
    if (this.#word() !== variable) throw this.#error(this.#next - 1)
    if (!this.#takeWord('eq')) throw this.#error()
    const value = this.#value()
    this.#mark(')')
    return { kind: 'clause', property, operator: 'any', values: [value] }
  }

  #comparison(property: string): Filter {
    const operator = this.#word()
    if (operator === 'in') {
      this.#mark('(')
      const values = [this.#value()]
      while (this.#takeMark(',')) values.push(this.#value())
      this.#mark(')')
      return { kind: 'clause', property, operator, values }
    }
    if (!/^(eq|ne|gt|ge|lt|le)$/.test(operator)) throw this.#error(this.#next - 1)
    return { kind: 'clause', property, operator: operator as FilterOperator, values: [this.#value()] }
  }

  #value(): FilterValue {
    const token = this.#take()
    if (token.kind === 'string') return token.text
    if (token.kind !== 'word') throw this.#error(this.#next - 1)
    if (token.text === 'true' || token.text === 'false') return token.text === 'true'
    return token.text === 'null' ? null : { raw: token.text }
  }

  #tokenize(): Token[] {
    const pattern = /\s*(?:'((?:[^']|'')*)'|([\p{L}\d_@#$][\p{L}\d_./@#$:+-]*?(?=[\s(),']|:[\p{L}]|$))|([(),:]))/uy
    const tokens: Token[] = []
    const end = this.#text.trimEnd().length
    while (pattern.lastIndex < end) {
      const at = pattern.lastIndex
      const match = pattern.exec(this.#text)
      if (match === null) throw malformed(`Invalid filter clause: Syntax error at position ${at} in '${this.#text}'.`)
      const [, string, word, mark] = match
      if (string !== undefined) tokens.push({ kind: 'string', text: string.replaceAll("''", "'"), at })
      else tokens.push({ kind: word === undefined ? 'mark' : 'word', text: word ?? mark ?? '', at })
    }
    return [...tokens, { kind: 'end', text: '', at: end }]
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#text.length }
  }

  #take(): Token {
    const token = this.#peek()
    this.#next += 1
    return token
  }

  #word(): string {
    const token = this.#take()
    if (token.kind !== 'word') throw this.#error(this.#next - 1)
    return token.text
  }

  #takeWord(text: string): boolean {
    const token = this.#peek()
    if (token.kind !== 'word' || token.text !== text) return false
    this.#next += 1
    return true
  }

  #takeMark(text: string): boolean {
    const token = this.#peek()
    if (token.kind !== 'mark' || token.text !== text) return false
    this.#next += 1
    return true
  }

  #mark(text: string): void {
    if (!this.#takeMark(text)) throw this.#error()
  }

  #error(index = this.#next): Error {
    return malformed(
      `Invalid filter clause: Syntax error at position ${this.#tokens[index]?.at ?? this.#text.length} in '${this.#text}'.`
    )
  }
}

function firstProperty(filter: Filter): string {
  if (filter.kind === 'clause') return filter.property
  const [first] = filter.operands
  return first === undefined ? '' : firstProperty(first)
}
