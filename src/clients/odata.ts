/** An OData string literal: quotes inside are doubled. Source: OData 4.01 URL conventions, 5.1.1.6.1. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
