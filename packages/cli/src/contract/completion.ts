/**
 * What lets bash, zsh and fish complete commands, options, local paths, and by asking `cos`, addresses and profiles.
 */

import * as Options from "@effect/cli/Options"
import type { AnyCommand } from "./command.js"
import { type Spelling, spellingsOf } from "./commandLine.js"
import { descriptionOf, nameOf } from "./help.js"

interface Option extends Spelling {
  readonly description: string
}

const help: Option = { names: ["--help", "-h"], value: undefined, description: "how it is written" }

const optionsOf = ({ options }: AnyCommand): ReadonlyArray<Option> => [
  ...options.flatMap((option) =>
    spellingsOf([option]).map((spelling) => ({ ...spelling, description: descriptionOf(Options.getHelp(option)) }))
  ),
  help
]

/** The words that an option or an argument may be, where they are few. */
const wordsOf = (value: string | undefined): ReadonlyArray<string> =>
  value !== undefined && /^[\w-]+(\|[\w-]+)+$/.test(value) && value === value.toLowerCase() ? value.split("|") : []

const longOf = ({ names }: Spelling) => names.find((name) => name.startsWith("--")) ?? ""

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

const bash = (commands: ReadonlyArray<AnyCommand>): string => `# bash completion of cos
_cos_ask() { # what the word may go on as; bash looks at no more of it than what follows its last colon
  local found glued=\${word%"\${COMP_WORDS[COMP_CWORD]}"}
  while IFS= read -r found; do
    COMPREPLY+=("\${found#"$glued"}")
  done < <("\${words[0]}" "\${settings[@]}" completion "$1" -- "$word" 2>/dev/null </dev/null)
  if [[ \${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
}
_cos() {
  local words=() settings=() n=-1 i word before command=
  for ((i = 0; i <= COMP_CWORD; i++)); do # a colon is a word to bash: addresses are put together again
    if ((n >= 0)) && [[ \${COMP_WORDS[i]} == :* || \${words[n]} == cos: || \${words[n]} == cos:*: ]]; then words[n]+=\${COMP_WORDS[i]}
    else words[++n]=\${COMP_WORDS[i]}; fi
  done
  word=\${words[n]} before=\${words[n-1]}
  for ((i = 1; i < n; i++)); do
    case \${words[i]} in
      --endpoint|--region|--bucket|--profile) ((++i < n)) && settings+=("\${words[i-1]}" "\${words[i]}") ;;
      -*) ;;
      *) command=\${command:-\${words[i]}} ;;
    esac
  done
  COMPREPLY=()
  if [[ $before == --profile ]]; then _cos_ask profile; return; fi
  if [[ $word == cos:* ]]; then _cos_ask address; return; fi
  if [[ -z $command || $command == help ]]; then
    COMPREPLY=($(compgen -W ${quote(["help", ...commands.map(({ name }) => name)].join(" "))} -- "$word"))
    return
  fi
  case $command in
${commands
  .map((command) => {
    const options = optionsOf(command)
    const values = options.flatMap((option) => {
      const words = wordsOf(option.value)
      return words.length === 0
        ? []
        : [`        ${longOf(option)}) COMPREPLY=($(compgen -W ${quote(words.join(" "))} -- "$word")); return ;;\n`]
    })
    return `    ${command.name})
${values.length === 0 ? "" : `      case $before in\n${values.join("")}      esac\n`}      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W ${quote(options.flatMap(({ names }) => names).join(" "))} -- "$word")); return; fi
      COMPREPLY=($(compgen -W ${quote([...firstWords(command)].join(" "))} -- "$word") $(compgen -f -- "$word"))
      ;;`
  })
  .join("\n")}
  esac
}
complete -o filenames -F _cos cos
`

/** The words of an argument that is one of few. */
const firstWords = ({ args: [first] }: AnyCommand): ReadonlyArray<string> =>
  first === undefined ? [] : wordsOf(nameOf(first))

const zsh = (commands: ReadonlyArray<AnyCommand>): string => `#compdef cos
_cos_ask() {
  local -a found
  found=(\${(f)"$(cos completion $1 -- "\${(Q)PREFIX}" 2>/dev/null </dev/null)"})
  compadd -S '' -a found
}
_cos_address() { if [[ $PREFIX == cos:* ]]; then _cos_ask address; else _files; fi }
_cos_profile() { _cos_ask profile; }
_cos() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then _describe command commands; return; fi
  case $words[2] in
${commands
  .map((command) => {
    const options = optionsOf(command).flatMap(({ description, names, value }) =>
      names.map((name) => {
        const words = wordsOf(value)
        const of =
          value === undefined
            ? ""
            : `:${value.replaceAll(":", "")}:${names.includes("--profile") ? "_cos_profile" : words.length === 0 ? "" : `(${words.join(" ")})`}`
        return quote(`*${name}[${description.replace(/[[\]:]/g, " ")}]${of}`)
      })
    )
    const words = firstWords(command)
    const args =
      words.length === 0 ? `'*:address:_cos_address'` : `'2:action:(${words.join(" ")})' '*:address:_cos_address'`
    return `    ${command.name}) _arguments ${options.join(" ")} ${args} ;;`
  })
  .join("\n")}
  esac
}
if [ "$funcstack[1]" = _cos ]; then _cos "$@"; else compdef _cos cos; fi
`

const fish = (commands: ReadonlyArray<AnyCommand>): string =>
  `# fish completion of cos
${commands
  .map((command) => {
    const { name, summary } = command
    const here = `-n '__fish_seen_subcommand_from ${name}'`
    const options = optionsOf(command).map(({ description, names, value }) => {
      const short = names.find((name) => /^-\w$/.test(name))
      const words = wordsOf(value)
      return [
        `complete -c cos ${here} -l ${names.find((name) => name.startsWith("--"))?.slice(2)}`,
        short === undefined ? "" : `-s ${short.slice(1)}`,
        value === undefined
          ? ""
          : names.includes("--profile")
            ? "-x -a '(cos completion profile -- (commandline -ct) 2>/dev/null)'"
            : words.length === 0
              ? "-r"
              : `-x -a ${quote(words.join(" "))}`,
        `-d ${quote(description)}`
      ]
        .filter((part) => part !== "")
        .join(" ")
    })
    const words = firstWords(command)
    const actions = words.length === 0 ? [] : [`complete -c cos ${here} -a ${quote(words.join(" "))}`]
    return [`complete -c cos -f -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`, ...actions, ...options].join(
      "\n"
    )
  })
  .join("\n")}
complete -c cos -f -n 'string match -q "cos:*" -- (commandline -ct)' -a '(cos completion address -- (commandline -ct) 2>/dev/null)'
complete -c cos -f -n __fish_use_subcommand -a help -d 'What a command does'
`

/** The script of each shell. */
export const scripts = { bash, zsh, fish } as const
