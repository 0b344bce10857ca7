// Text files that the bundler inlines as strings.
declare module "*.yaml" {
  const text: string;
  export { text as default };
}
declare module "*.html" {
  const text: string;
  export { text as default };
}
declare module "*.css" {
  const text: string;
  export { text as default };
}
declare module "*.js?text" {
  const text: string;
  export { text as default };
}
