/** What is under way, in the order in which it began. */

/** What ends with {@link UnderWay.end}. */
export interface Member<A> {
  readonly value: A
  previous: Member<A> | undefined
  next: Member<A> | undefined
}

/**
 * A linked list for what begins and ends with each request or file. A `Set` or a `Map` makes a new table each time so many
 * have come and gone, and V8 lets the old table refer to the new one: once one is in the old space, all tables that follow
 * are moved there, with all that they hold, until the next major collection. A member that has ended refers to none.
 */
export class UnderWay<A> {
  #first: Member<A> | undefined
  #last: Member<A> | undefined

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  begin(value: A): Member<A> {
    const member: Member<A> = { value, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.#first = member
    else this.#last.next = member
    this.#last = member
    return member
  }

  /** Called again, or before the beginning, it does nothing. */
  end(member: Member<A> | undefined): void {
    if (member === undefined || (member.previous === undefined && this.#first !== member)) return
    const { next, previous } = member
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    member.previous = undefined
    member.next = undefined
  }

  /** Members may end while they are looked through. */
  members(): ReadonlyArray<Member<A>> {
    const members: Array<Member<A>> = []
    for (let member = this.#first; member !== undefined; member = member.next) members.push(member)
    return members
  }
}
