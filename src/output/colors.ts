import { styleText } from 'node:util'

/** How texts are coloured. */
export type Colors = Readonly<Record<'gray' | 'cyan' | 'yellow' | 'red' | 'green', (text: string) => string>>

const asItIs = (text: string): string => text
/** For pipes and CI. */
export const noColors: Colors = { gray: asItIs, cyan: asItIs, yellow: asItIs, red: asItIs, green: asItIs }

// Whether colour is wanted has been decided; Node's own opinion of stdout is not asked.
const styled =
  (style: keyof Colors) =>
  (text: string): string =>
    styleText(style, text, { validateStream: false })
/** For terminals. Node's own, since a package for it takes longer to load than `azwi version` may take. */
export const ansiColors: Colors = {
  gray: styled('gray'),
  cyan: styled('cyan'),
  yellow: styled('yellow'),
  red: styled('red'),
  green: styled('green')
}
