import { inject, vi } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    mutantActivation?: 'static' | 'runtime'
  }
}

const state = globalThis as { hasStaticMutant?: boolean }

// A static mutant is code that runs when a module is loaded. Test files share loaded modules, also with the runs of other mutants, so the modules
// must be loaded again with the mutant, and again without it.
const isStatic = inject('mutantActivation') === 'static'
if (isStatic || state.hasStaticMutant === true) vi.resetModules()
state.hasStaticMutant = isStatic
