/**
 * What lets bash, zsh and fish complete commands, options and local paths.
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
_cos() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --endpoint|--region|--bucket|--profile) ((i++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  COMPREPLY=()
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
          value === undefined ? "" : `:${value.replaceAll(":", "")}:${words.length === 0 ? "" : `(${words.join(" ")})`}`
        return quote(`*${name}[${description.replace(/[[\]:]/g, " ")}]${of}`)
      })
    )
    const words = firstWords(command)
    const args = words.length === 0 ? `'*:address:_files'` : `'2:action:(${words.join(" ")})' '*:address:_files'`
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
        value === undefined ? "" : words.length === 0 ? "-r" : `-x -a ${quote(words.join(" "))}`,
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
complete -c cos -f -n __fish_use_subcommand -a help -d 'What a command does'
`

/** The script of each shell. */
export const scripts = { bash, zsh, fish } as const
